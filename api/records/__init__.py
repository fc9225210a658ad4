"""What stands in a body: one file a record, with its elements as they are read and as they are written."""
