"""What is asked of a language model and what is made of its answers: pure functions on values."""
