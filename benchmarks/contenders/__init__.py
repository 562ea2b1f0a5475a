"""What is measured, each as a process of its own that is asked for one measurement after the other."""
