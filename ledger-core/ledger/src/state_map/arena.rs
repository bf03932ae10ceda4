//! Flat memory: slots in one list, named by their place, used again after they are freed.

/// Slots of one kind.
#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Arena<T> {
    pub(super) fn get(&self, place: u32) -> Option<&T> {
        self.slots.get(usize::try_from(place).ok()?)
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.slots.get_mut(usize::try_from(place).ok()?)
    }

    /// Puts a value into a free slot, or into a new one.
    pub(super) fn put(&mut self, value: T) -> u32 {
        if let Some(place) = self.free.pop() {
            self.set(place, value);
            return place;
        }
        // A map of four thousand million slots would not fit a machine's memory, so the bound is never reached.
        let place = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        // A small chain has a slot or two, and there are thousands of small chains: they get no room to grow.
        if place < 4 {
            self.slots.reserve_exact(1);
        }
        self.slots.push(value);
        place
    }

    pub(super) fn set(&mut self, place: u32, value: T) {
        if let Some(slot) = self.get_mut(place) {
            *slot = value;
        }
    }

    /// The place of the next slot behind all; none past what a place can name.
    pub(super) fn next_place(&self) -> Option<u32> {
        u32::try_from(self.slots.len()).ok()
    }

    /// All slots in their order, of which none was freed.
    pub(super) fn into_slots(self) -> impl Iterator<Item = T> {
        self.slots.into_iter()
    }

    pub(super) fn free(&mut self, place: u32) {
        self.free.push(place);
    }

    /// Slots in use.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let slots = self.slots.capacity().saturating_mul(size_of::<T>());
        slots.saturating_add(self.free.capacity().saturating_mul(size_of::<u32>()))
    }
}
