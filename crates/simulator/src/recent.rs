//! A small cache that forgets what was used longest ago. What is kept in it is in [`corpus`](crate::corpus).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// At most `capacity` values. Each is made once, by the first caller that wants it; others wait for that one.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    capacity: usize,
    /// The most recently used is at the back.
    entries: Mutex<VecDeque<(K, Arc<OnceLock<V>>)>>,
}

impl<K: PartialEq, V> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Mutex::new(VecDeque::with_capacity(capacity)),
        }
    }

    /// The value of a key for as long as the caller looks at it.
    pub(crate) fn with<R>(&self, key: K, make: impl FnOnce() -> V, look: impl FnOnce(&V) -> R) -> R {
        let slot = self.slot(key);
        look(slot.get_or_init(make))
    }

    fn slot(&self, key: K) -> Arc<OnceLock<V>> {
        // Nothing under the lock can panic half-way, so a poisoned one is still whole.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let position = entries.iter().position(|(kept, _)| *kept == key);
        let slot = position
            .and_then(|position| entries.remove(position))
            .map(|(_, slot)| slot)
            .unwrap_or_default();
        if entries.len() >= self.capacity {
            entries.pop_front();
        }
        entries.push_back((key, Arc::clone(&slot)));
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_is_forgotten() {
        let made = Mutex::new(Vec::new());
        let recent = Recent::new(2);
        let ask = |key: u32| recent.with(key, || made.lock().unwrap().push(key), |()| ());
        for key in [1, 2, 1, 3, 1, 2] {
            ask(key);
        }
        assert_eq!(*made.lock().unwrap(), [1, 2, 3, 2]);
    }
}
