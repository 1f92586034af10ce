"""A report as text, JSON, SARIF and one HTML file."""
