"""Build and run variants with a real engine, and say what was seen; read the logs of builds that failed."""
