"""Line searches side by side: races on one noisy line, and short trainings."""
