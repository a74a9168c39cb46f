"""What exists: one Pulumi program, three roles."""
