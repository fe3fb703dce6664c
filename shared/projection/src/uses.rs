/// The items that a view derives from its documents, besides the documents themselves
/// ([`View::USES`](crate::View::USES)).
///
/// It determines what the view's table and the roles of its functions need. DynamoDB would refuse an item that a view
/// derives without declaring it, so the engine refuses it at the first event: the document is quarantined with a
/// message that names the constant, and the checks in [`testing`](crate::testing) fail.
///
/// ```
/// use projection::Uses;
///
/// const USES: Uses = Uses::NOTHING.index().tallies();
/// assert!(USES.index && USES.tallies && !USES.rows && !USES.journal);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// [`View::index`](crate::View::index): the table has the index that lists read, and the query function's role may
    /// Query it.
    pub index: bool,
    /// [`View::rows`](crate::View::rows): the query function's role may Query the table.
    pub rows: bool,
    /// [`View::tallies`](crate::View::tallies): the projector's role gets UpdateItem.
    pub tallies: bool,
    /// [`View::journal`](crate::View::journal): the query function's role may Query the table.
    pub journal: bool,
}

impl Uses {
    /// A view whose documents are read by their keys, and nothing else. The methods add to it.
    pub const NOTHING: Self = Self {
        index: false,
        rows: false,
        tallies: false,
        journal: false,
    };

    /// Adds [`View::index`](crate::View::index).
    #[must_use]
    pub const fn index(mut self) -> Self {
        self.index = true;
        self
    }

    /// Adds [`View::rows`](crate::View::rows).
    #[must_use]
    pub const fn rows(mut self) -> Self {
        self.rows = true;
        self
    }

    /// Adds [`View::tallies`](crate::View::tallies).
    #[must_use]
    pub const fn tallies(mut self) -> Self {
        self.tallies = true;
        self
    }

    /// Adds [`View::journal`](crate::View::journal).
    #[must_use]
    pub const fn journal(mut self) -> Self {
        self.journal = true;
        self
    }
}
