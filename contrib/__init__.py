"""contrib carries a Windows Dockerfile into the Docker Official Images."""

__version__ = "0.1.0"
