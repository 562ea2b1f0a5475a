"""What is compared: each module asks contenders in turn and makes rows of what they say."""
