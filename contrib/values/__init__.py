"""Values that every room may use: errors, findings, tables, versions, trees. They know nothing else of the program."""
