"""The voices of the narrator in use, as the pipeline lists them."""
