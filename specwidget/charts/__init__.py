"""Charts as data (`scene`), and their renderers: canvas in the page, matplotlib on paper."""
