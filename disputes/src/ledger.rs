//! What the contracts have said so far.

use std::collections::{BTreeMap, btree_map};

use alloy_primitives::Address;
use enshrine_prover::game::{Dissection, DissectionHash};

use crate::{
    contracts::{Answer, Claim, Event, Game, Request},
    ids::{ClaimId, GameId, RequestId},
};

/// Requests, answers, claims, games and moves by their names.
///
/// A name is a hash of what it names. So nothing here becomes wrong when a chain is re-organised: an entry may be about
/// something that is not part of the chain any more, which the contract knows. What is the case is always asked of the contract.
/// Only a request's fee is not in its name: after a re-org the same request may come with another. So [`lacks`](Self::lacks)
/// compares all that an event says, and the newest is kept.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    requests: BTreeMap<RequestId, Request>,
    answers: BTreeMap<ClaimId, Answer>,
    claims: BTreeMap<ClaimId, Claim>,
    games: BTreeMap<GameId, Game>,
    moves: BTreeMap<(GameId, DissectionHash), Dissection>,
}

impl Ledger {
    /// Whether an event says something that is not noted.
    pub(crate) fn lacks(&self, event: &Event) -> bool {
        match event {
            Event::Requested(request) => self.requests.get(&request.id) != Some(request),
            Event::Answered(answer) => self.answers.get(&answer.claim) != Some(answer),
            Event::Posted(id, claim) => self.claims.get(id) != Some(claim),
            Event::Opened(game) => self.games.get(&game.id) != Some(game),
            Event::Moved(game, hash, cut) => self.moves.get(&(*game, *hash)) != Some(cut),
            // What is decided is asked of the contract.
            Event::Finalised(_)
            | Event::Proved(..)
            | Event::Ended(_)
            | Event::Fell(_)
            | Event::Credited(..)
            | Event::Burnt(_) => false,
        }
    }

    /// Notes an event.
    pub(crate) fn apply(&mut self, event: Event) {
        match event {
            Event::Requested(request) => {
                self.requests.insert(request.id, request);
            }
            Event::Answered(answer) => {
                self.answers.insert(answer.claim, answer);
            }
            Event::Posted(id, claim) => {
                self.claims.insert(id, claim);
            }
            Event::Opened(game) => {
                self.games.insert(game.id, game);
            }
            Event::Moved(game, hash, dissection) => {
                self.moves.insert((game, hash), dissection);
            }
            Event::Finalised(_)
            | Event::Proved(..)
            | Event::Ended(_)
            | Event::Fell(_)
            | Event::Credited(..)
            | Event::Burnt(_) => {}
        }
    }

    pub(crate) fn requests(&self) -> btree_map::Values<'_, RequestId, Request> {
        self.requests.values()
    }

    pub(crate) fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.get(&id)
    }

    pub(crate) fn answers(&self) -> btree_map::Values<'_, ClaimId, Answer> {
        self.answers.values()
    }

    pub(crate) fn answer(&self, claim: ClaimId) -> Option<&Answer> {
        self.answers.get(&claim)
    }

    pub(crate) fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(&id)
    }

    pub(crate) fn games(&self) -> btree_map::Values<'_, GameId, Game> {
        self.games.values()
    }

    /// Whether the game of a challenger about a claim is noted.
    pub(crate) fn has_game(&self, claim: ClaimId, challenger: Address) -> bool {
        let mut games = self.games.values();
        games.any(|game| game.claim == claim && game.challenger == challenger)
    }

    pub(crate) fn last_move(&self, game: GameId, hash: DissectionHash) -> Option<&Dissection> {
        self.moves.get(&(game, hash))
    }
}
