"""What can be done with a wallet that is watched."""
