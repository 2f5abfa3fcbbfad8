"""Layouts of image repositories: which one a repository has, and one module for each."""
