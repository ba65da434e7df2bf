//! tool-tiers
