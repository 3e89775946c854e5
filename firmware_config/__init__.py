"""What a device is told about itself: typed, rendered, signed, applied on trial, and taken back where it does harm."""
