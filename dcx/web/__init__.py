"""How DCX speaks HTTP: doors, pages and fragments, errors, filters."""
