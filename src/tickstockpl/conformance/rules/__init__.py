"""What is asked of a producer, a rule a module."""
