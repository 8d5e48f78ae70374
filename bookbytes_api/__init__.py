"""The API: people ask for books, watch them being made, and listen. `create_app` in `app.py` puts it together."""
