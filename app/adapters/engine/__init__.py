"""The engine: DBOS behind `app.ports.engine`."""
