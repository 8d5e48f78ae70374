"""What happens inside a run, around the assets: work on every chapter, interrupts, clips, usage, logs."""
