"""One module, or folder, for each server that is measured."""
