"""What exists, looked at: read through the door, compared with what the inventory says and side with side."""
