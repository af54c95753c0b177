"""How quickly a slider, a colour and a cursor are seen, in a real JupyterLab and a real Chromium."""
