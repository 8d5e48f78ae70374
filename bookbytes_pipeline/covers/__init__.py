"""Book covers as players and pages want them: small, square, and drawn where there is none."""
