"""The library file of official-images, from the tags of this repository."""
