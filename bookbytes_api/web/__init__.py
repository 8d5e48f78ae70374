"""What every route shares: errors, bodies, pages, parameters, logs and the OpenAPI document."""
