//! The policy set: stages, order, verdict algebra, hold-back, modes, generations.
