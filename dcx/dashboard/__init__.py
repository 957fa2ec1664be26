"""The home pages; composes the other rooms and owns no table."""
