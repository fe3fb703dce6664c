//! From commits to views: gate, heal, quarantine, generations, reactors.
