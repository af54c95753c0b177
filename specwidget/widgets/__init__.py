"""Base classes of widgets, and what they need: JavaScript modules, static fallback, debouncing, PCM, form fields."""
