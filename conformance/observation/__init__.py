"""What was seen, where and when; and the table of fields that a flow may test."""
