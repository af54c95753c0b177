"""The workbench: what the panels of the page have in common, and where they lie."""
