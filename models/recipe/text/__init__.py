"""The grammar that writes the text: a module for each family of skills."""
