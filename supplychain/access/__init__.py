"""The only code that opens sockets, starts processes or writes files."""
