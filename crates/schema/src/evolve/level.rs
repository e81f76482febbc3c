//! What was seen in the objects of one place: their keys, as long as these are few enough to be told apart. It is filled
//! by [`observe`](super::observe).

use std::collections::{HashMap, HashSet};

use super::names::snake_case;
use super::observe::Node;

/// Keys that are remembered of the objects of one place. An object that has more has keys that are data.
pub(crate) const KEYS_LIMIT: usize = 512;

/// Spellings of one name that are compared with each other; a further one is on its own.
const SPELLINGS_LIMIT: usize = 16;

/// Sets of spellings in one object that are counted.
const OVERLAPS_LIMIT: usize = 256;

/// What was seen in the objects of one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Level {
    pub(crate) objects: u64,
    /// Members of all these objects.
    pub(crate) entries: u64,
    pub(crate) members: Vec<Member>,
    pub(crate) by_key: HashMap<String, usize>,
    /// Members by the name of their column: spellings of one name stand together.
    families: HashMap<String, Vec<usize>>,
    /// Spellings of one name that stood in one object with different values: they mean two things.
    pub(crate) conflicts: HashSet<(usize, usize)>,
    /// How often several spellings of one name stood in one object, each with whether it was null.
    overlaps: HashMap<Vec<(usize, bool)>, u64>,
    /// What stood under keys that are no longer told apart, since there were too many of them.
    pub(crate) values: Option<Box<Node>>,
}

/// One key of the objects of one place.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) node: Node,
    /// Objects that have the key.
    pub(crate) seen: u64,
    /// The object that had it last.
    pub(crate) last: u64,
}

/// A member of the object at hand: its index, and its value as it was sent.
pub(crate) struct Here<'a> {
    pub(crate) member: usize,
    pub(crate) value: &'a [u8],
}

impl Level {
    pub(crate) fn add(&mut self, key: &str) -> usize {
        let index = self.members.len();
        // What gives no name is related to nothing.
        let alone = || format!("\0{key}");
        let mut family = snake_case(key).unwrap_or_else(alone);
        if self
            .families
            .get(&family)
            .is_some_and(|family| family.len() == SPELLINGS_LIMIT)
        {
            family = alone();
        }
        self.families.entry(family).or_default().push(index);
        self.by_key.insert(key.to_owned(), index);
        self.members.push(Member {
            key: key.to_owned(),
            node: Node::default(),
            seen: 0,
            last: 0,
        });
        index
    }

    /// Members that are spellings of one name, in the order of their first appearance.
    pub(crate) fn families(&self) -> Vec<Vec<usize>> {
        let mut families: Vec<Vec<usize>> = self.families.values().cloned().collect();
        families.sort_unstable();
        families
    }

    /// Looks whether spellings of one name say different things in one object.
    pub(crate) fn compare(&mut self, here: &[Here<'_>]) {
        if self.families.len() == self.members.len() {
            return;
        }
        let by_member: HashMap<usize, &[u8]> = here.iter().map(|here| (here.member, here.value)).collect();
        for family in self.families.values().filter(|family| family.len() > 1) {
            let present: Vec<(usize, &[u8])> = family
                .iter()
                .filter_map(|index| Some((*index, *by_member.get(index)?)))
                .collect();
            for (position, (index, value)) in present.iter().enumerate() {
                for (other, before) in &present[..position] {
                    if value != before && *value != b"null" && *before != b"null" {
                        self.conflicts.insert((*other, *index));
                    }
                }
            }
            if present.len() > 1 {
                let spellings = present.iter().map(|(index, value)| (*index, *value == b"null"));
                let spellings = spellings.collect();
                if self.overlaps.len() < OVERLAPS_LIMIT || self.overlaps.contains_key(&spellings) {
                    *self.overlaps.entry(spellings).or_default() += 1;
                }
            }
        }
    }

    /// By how many the objects and the nulls of these spellings are fewer than those of each together.
    pub(crate) fn counted_twice(&self, spellings: &[usize]) -> (u64, u64) {
        let (mut objects, mut nulls) = (0, 0);
        for (present, count) in &self.overlaps {
            let here = present.iter().filter(|(index, _)| spellings.contains(index));
            let (mut all, mut null) = (0_u64, 0_u64);
            for (_, is_null) in here {
                all += 1;
                null += u64::from(*is_null);
            }
            objects += count * all.saturating_sub(1);
            nulls += count * if null == all { all.saturating_sub(1) } else { null };
        }
        (objects, nulls)
    }

    /// From here on no key is told from another: all that stands under them is one place.
    pub(crate) fn collapse(&mut self) -> &mut Node {
        let members = std::mem::take(&mut self.members);
        (self.by_key, self.families) = Default::default();
        (self.conflicts, self.overlaps) = Default::default();
        let values = self.values.get_or_insert_default();
        for member in members {
            values.merge(member.node);
        }
        values
    }

    /// All that stands under any key, as one place.
    pub(crate) fn into_values(mut self) -> Node {
        std::mem::take(self.collapse())
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.objects += other.objects;
        self.entries += other.entries;
        let new = |member: &&Member| !self.by_key.contains_key(&member.key);
        let keys = self.members.len() + other.members.iter().filter(new).count();
        if self.values.is_some() || other.values.is_some() || keys > KEYS_LIMIT {
            let more = std::mem::take(other.collapse());
            self.collapse().merge(more);
            return;
        }
        let mut moved = Vec::with_capacity(other.members.len());
        for member in other.members {
            let known = self.by_key.get(&member.key).copied();
            let index = known.unwrap_or_else(|| self.add(&member.key));
            self.members[index].seen += member.seen;
            self.members[index].node.merge(member.node);
            moved.push(index);
        }
        for (one, two) in other.conflicts {
            let (one, two) = (moved[one], moved[two]);
            self.conflicts.insert((one.min(two), one.max(two)));
        }
        for (spellings, count) in other.overlaps {
            let mut spellings: Vec<(usize, bool)> = spellings
                .into_iter()
                .map(|(index, is_null)| (moved[index], is_null))
                .collect();
            spellings.sort_unstable();
            *self.overlaps.entry(spellings).or_default() += count;
        }
    }
}
