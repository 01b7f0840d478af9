"""What runs inside a Django process: the harness itself stays outside, so that it measures and weighs nothing."""
