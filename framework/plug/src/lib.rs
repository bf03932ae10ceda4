//! What a vertical needs: trait Vertical, scalars, guards, connections, test kit.
