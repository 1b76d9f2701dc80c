//! The contracts: calls to make, questions to ask, events to read.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolEventInterface};
use enshrine_l1::{
    Call, Chain, ChainError, Deployment, GameParameters, Log,
    abi::{
        InferenceClaims::{self, InferenceClaimsEvents},
        MachineGame::{self, MachineGameEvents},
        ModelRegistry,
    },
};
use enshrine_primitives::BlobRoot;
use enshrine_prover::{
    StateHash, Terminal,
    game::{Dissection, DissectionHash, Move, Rejection},
};
use enshrine_runtime::{Fuel, program::ProgramHash};

use crate::{
    error::DisputeError,
    ids::{ClaimId, GameId, RequestId},
};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Address of the model.
    pub model: BlobRoot,
    /// Steps that the run may take.
    pub fuel: Fuel,
    /// Last second in which an answer can be posted.
    pub expiry: u64,
    /// Contract that is told the answer, and the gas that it gets.
    pub consumer: Option<(Address, u32)>,
    /// Tells requests of one sender apart.
    pub salt: B256,
}

/// A question that was put to the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its name.
    pub id: RequestId,
    /// Who asks.
    pub requester: Address,
    /// What.
    pub question: Question,
    /// About which input.
    pub input: Arc<[u8]>,
    /// Wei for the answer.
    pub fee: U256,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The request.
    pub request: RequestId,
    /// The claim that it is right.
    pub claim: ClaimId,
    /// Who answers.
    pub proposer: Address,
    /// How the run ends.
    pub result: Terminal,
}

/// What is disputed: a run's last state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Contract that it was posted through.
    pub host: Address,
    /// Who stands for it.
    pub defender: Address,
    /// Tells claims of one host apart.
    pub salt: B256,
    /// State before the first step.
    pub start: StateHash,
    /// State after the last.
    pub end: StateHash,
    /// Steps.
    pub length: u64,
}

/// A game about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Game {
    /// Its name.
    pub id: GameId,
    /// The claim.
    pub claim: ClaimId,
    /// Who challenges.
    pub challenger: Address,
}

/// What a contract said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody asked.
    Requested(Request),
    /// Somebody answered.
    Answered(Answer),
    /// An answer is final.
    Finalised(RequestId),
    /// A claim was posted.
    Posted(ClaimId, Claim),
    /// A game began.
    Opened(Game),
    /// A player moved.
    Moved(GameId, DissectionHash, Dissection),
    /// A player proved a step, and has won.
    Proved(GameId, u64),
    /// A game is over.
    Ended(GameId),
    /// A claim lost a game.
    Fell(ClaimId),
    /// Wei wait for an account.
    Credited(Address, U256),
    /// Wei are lost for ever.
    Burnt(U256),
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus {
    /// There is none of the name.
    None,
    /// It can be challenged, or is, or waits to be released.
    Open,
    /// It lost a game.
    Fallen,
    /// It stands, and its bond went back.
    Released,
}

/// Where a game stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GameStatus {
    /// There is none of the name.
    None,
    /// Somebody is to move.
    Played {
        /// Who.
        mover: Role,
        /// The other's last move.
        last: DissectionHash,
        /// Last second in which there is a move.
        deadline: u64,
    },
    /// Somebody has won.
    Won(Role),
    /// Another game decided.
    Collected,
}

/// A side of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Stands for the claim.
    Defender,
    /// Stands against it.
    Challenger,
}

/// What is known of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimState {
    /// Where it stands.
    pub status: ClaimStatus,
    /// Last second in which it can be challenged.
    pub deadline: u64,
    /// Games that are being played about it.
    pub open_games: u32,
}

/// The contracts of one deployment, on a chain.
#[derive(Clone, Debug)]
pub struct Contracts {
    chain: Arc<dyn Chain>,
    deployment: Deployment,
    parameters: GameParameters,
    program: B256,
}

impl Contracts {
    /// Those that belong to the claims contract at an address.
    ///
    /// # Errors
    /// [`ChainError`] if there is none.
    pub fn at(chain: Arc<dyn Chain>, claims: Address) -> Result<Self, ChainError> {
        let ask = |to, data: Vec<u8>| chain.call(to, data.into());
        let game = returned::<InferenceClaims::gameCall>(&ask(
            claims,
            InferenceClaims::gameCall {}.abi_encode(),
        )?)?;
        let registry = returned::<InferenceClaims::registryCall>(&ask(
            claims,
            InferenceClaims::registryCall {}.abi_encode(),
        )?)?;
        let program = returned::<InferenceClaims::programHashCall>(&ask(
            claims,
            InferenceClaims::programHashCall {}.abi_encode(),
        )?)?;
        let max_fuel = returned::<InferenceClaims::maxFuelCall>(&ask(
            claims,
            InferenceClaims::maxFuelCall {}.abi_encode(),
        )?)?;
        let parameters = returned::<MachineGame::parametersCall>(&ask(
            game,
            MachineGame::parametersCall {}.abi_encode(),
        )?)?;
        Ok(Self {
            chain,
            deployment: Deployment {
                verifier: parameters.verifier,
                game,
                registry,
                claims,
            },
            parameters: GameParameters {
                degree: parameters.degree.saturating_to(),
                window: parameters.window,
                clock: parameters.clock,
                grace: parameters.grace,
                claim_bond: parameters.claimBond,
                challenge_bond: parameters.challengeBond,
                max_tip: parameters.maxTip,
                max_fuel,
            },
            program,
        })
    }

    /// The chain.
    pub fn chain(&self) -> &dyn Chain {
        &*self.chain
    }

    /// Where they are.
    pub const fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// What disputes are had with.
    pub const fn parameters(&self) -> &GameParameters {
        &self.parameters
    }

    /// Hash of the program whose runs are claimed.
    pub const fn program(&self) -> B256 {
        self.program
    }

    /// Checks that runs of a program are what the contracts are about.
    ///
    /// # Errors
    /// [`DisputeError::Program`] if they are about another.
    pub fn check_program(&self, got: &ProgramHash) -> Result<(), DisputeError> {
        let expected = ProgramHash::new(self.program.0);
        if *got == expected {
            return Ok(());
        }
        Err(DisputeError::Program {
            expected: expected.to_string(),
            got: got.to_string(),
        })
    }

    /// What the contracts said in blocks `from` to `to`, oldest first.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn logs(&self, from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        let Deployment { game, claims, .. } = self.deployment;
        self.chain.logs(&[game, claims], from, to)
    }

    /// What a log says, if it says something that players need.
    pub fn event(&self, log: &Log) -> Option<Event> {
        let topics = &log.topics;
        if log.address == self.deployment.claims {
            let event = InferenceClaimsEvents::decode_raw_log(topics, &log.data).ok()?;
            return claims_event(event);
        }
        let event = MachineGameEvents::decode_raw_log(topics, &log.data).ok()?;
        game_event(event, self.parameters.degree)
    }

    /// Registers a model.
    pub fn register(&self, model: BlobRoot, length: u64, tree: B256, manifest: &str) -> Call {
        let call = ModelRegistry::registerCall {
            _model: model.into_bytes().into(),
            _length: length,
            _tree: tree,
            _manifest: manifest.to_owned(),
        };
        Call::new(self.deployment.registry, call.abi_encode())
    }

    /// Asks.
    pub fn ask(&self, question: &Question, input: &[u8], fee: U256) -> Call {
        let call = InferenceClaims::askCall {
            _question: question_of(question),
            _input: input.to_vec().into(),
        };
        Call::new(self.deployment.claims, call.abi_encode()).with_value(fee)
    }

    /// Answers.
    pub fn answer(&self, request: RequestId, result: &Terminal) -> Call {
        let call = InferenceClaims::answerCall {
            _requestId: request.bytes(),
            _result: result_of(result),
        };
        Call::new(self.deployment.claims, call.abi_encode()).with_value(self.parameters.claim_bond)
    }

    /// Makes an answer final.
    pub fn finalise(&self, answer: &Answer, output: &[u8]) -> Call {
        let call = InferenceClaims::finaliseCall {
            _requestId: answer.request.bytes(),
            _proposer: answer.proposer,
            _result: result_of(&answer.result),
            _output: output.to_vec().into(),
        };
        Call::new(self.deployment.claims, call.abi_encode())
    }

    /// Challenges a claim.
    pub fn challenge(&self, claim: &Claim, first: &Dissection) -> Call {
        let call = MachineGame::challengeCall {
            _claim: MachineGame::Claim {
                host: claim.host,
                defender: claim.defender,
                salt: claim.salt,
                start: word(&claim.start),
                end: word(&claim.end),
                length: claim.length,
            },
            _ends: ends_of(first),
        };
        Call::new(self.deployment.game, call.abi_encode())
            .with_value(self.parameters.challenge_bond)
    }

    /// Moves.
    pub fn play(&self, game: GameId, answer: &Move) -> Call {
        let data = match answer {
            Move::Dissect {
                rejected,
                dissection,
            } => MachineGame::dissectCall {
                _gameId: game.bytes(),
                _rejected: rejection_of(rejected),
                _ends: ends_of(dissection),
            }
            .abi_encode(),
            Move::Prove { rejected, proof } => MachineGame::proveCall {
                _gameId: game.bytes(),
                _rejected: rejection_of(rejected),
                _proof: proof.as_bytes().to_vec().into(),
            }
            .abi_encode(),
        };
        Call::new(self.deployment.game, data)
    }

    /// Ends a game whose mover is late.
    pub fn time_out(&self, game: GameId) -> Call {
        let call = MachineGame::timeOutCall {
            _gameId: game.bytes(),
        };
        Call::new(self.deployment.game, call.abi_encode())
    }

    /// Ends a game that another one has decided.
    pub fn collect(&self, game: GameId) -> Call {
        let call = MachineGame::collectCall {
            _gameId: game.bytes(),
        };
        Call::new(self.deployment.game, call.abi_encode())
    }

    /// Gives the bond of a claim that stands back.
    pub fn release(&self, claim: ClaimId) -> Call {
        let call = MachineGame::releaseCall {
            _claimId: claim.bytes(),
        };
        Call::new(self.deployment.game, call.abi_encode())
    }

    /// Fetches the money that waits in a contract: the game's or the claims'.
    pub fn withdraw(&self, contract: Address, recipient: Address) -> Call {
        let call = MachineGame::withdrawCall {
            _recipient: recipient,
        };
        Call::new(contract, call.abi_encode())
    }

    /// Wei that wait for an account in a contract.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn credit(&self, contract: Address, account: Address) -> Result<U256, ChainError> {
        self.ask_contract(contract, &MachineGame::creditCall { account })
    }

    /// Where a claim stands.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn claim_state(&self, claim: ClaimId) -> Result<ClaimState, ChainError> {
        let call = MachineGame::claimStateCall {
            _claimId: claim.bytes(),
        };
        let state = self.ask_contract(self.deployment.game, &call)?;
        Ok(ClaimState {
            status: match state.status_ {
                0 => ClaimStatus::None,
                1 => ClaimStatus::Open,
                2 => ClaimStatus::Fallen,
                3 => ClaimStatus::Released,
                other => return Err(unexpected("a claim's status", other)),
            },
            deadline: state.deadline_.to(),
            open_games: state.openGames_,
        })
    }

    /// Where a game stands.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn game_state(&self, game: GameId) -> Result<GameStatus, ChainError> {
        let call = MachineGame::gameStateCall {
            _gameId: game.bytes(),
        };
        let state = self.ask_contract(self.deployment.game, &call)?;
        let played = |mover| GameStatus::Played {
            mover,
            last: DissectionHash::new(state.game_.dissection.0),
            deadline: state.deadline_.to(),
        };
        Ok(match state.game_.status {
            0 => GameStatus::None,
            1 => played(Role::Defender),
            2 => played(Role::Challenger),
            3 => GameStatus::Won(Role::Defender),
            4 => GameStatus::Won(Role::Challenger),
            5 => GameStatus::Collected,
            other => return Err(unexpected("a game's status", other)),
        })
    }

    /// Whether an answer to a request is final.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn is_final(&self, request: RequestId) -> Result<bool, ChainError> {
        Ok(self.final_result(request)?.is_some())
    }

    /// The final answer to a request, if there is one.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn final_result(&self, request: RequestId) -> Result<Option<Terminal>, ChainError> {
        let call = InferenceClaims::requestStateCall {
            _requestId: request.bytes(),
        };
        let state = self.ask_contract(self.deployment.claims, &call)?;
        Ok(state.isFinal.then(|| {
            result_from(&InferenceClaims::Result {
                failed: state.failed,
                status: state.status,
                outputRoot: state.outputRoot,
                loadFuelLeft: state.loadFuelLeft,
                fuelLeft: state.fuelLeft,
            })
        }))
    }

    /// First state of the run that a request asks for.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn start_of(&self, request: RequestId) -> Result<StateHash, ChainError> {
        let call = InferenceClaims::requestStateCall {
            _requestId: request.bytes(),
        };
        let state = self.ask_contract(self.deployment.claims, &call)?;
        Ok(StateHash::new(state.start.0))
    }

    /// The claim that a proposer's answer is right, whether or not it was given.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn claim_of(
        &self,
        request: RequestId,
        proposer: Address,
        result: &Terminal,
    ) -> Result<ClaimId, ChainError> {
        let call = InferenceClaims::claimOfCall {
            _requestId: request.bytes(),
            _proposer: proposer,
            _result: result_of(result),
        };
        self.ask_contract(self.deployment.claims, &call)
            .map(ClaimId::new)
    }

    /// The game of a challenger about a claim.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    pub fn game_of(&self, claim: ClaimId, challenger: Address) -> Result<GameId, ChainError> {
        let call = MachineGame::gameOfCall {
            _claimId: claim.bytes(),
            _challenger: challenger,
        };
        self.ask_contract(self.deployment.game, &call)
            .map(GameId::new)
    }

    fn ask_contract<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, ChainError> {
        returned::<C>(&self.chain.call(to, call.abi_encode().into())?)
    }
}

/// What a call returned.
fn returned<C: SolCall>(data: &Bytes) -> Result<C::Return, ChainError> {
    C::abi_decode_returns_validate(data).map_err(|_| ChainError::Answer {
        expected: C::SIGNATURE,
        got: format!("{data}: is the contract's address right?"),
    })
}

fn unexpected(expected: &'static str, got: u8) -> ChainError {
    ChainError::Answer {
        expected,
        got: got.to_string(),
    }
}

fn claims_event(event: InferenceClaimsEvents) -> Option<Event> {
    use InferenceClaimsEvents as Events;
    Some(match event {
        Events::Requested(event) => Event::Requested(Request {
            id: RequestId::new(event.requestId),
            requester: event.requester,
            question: question_from(&event.question),
            input: event.input.to_vec().into(),
            fee: event.fee,
        }),
        Events::Answered(event) => Event::Answered(Answer {
            request: RequestId::new(event.requestId),
            claim: ClaimId::new(event.claimId),
            proposer: event.proposer,
            result: result_from(&event.result),
        }),
        Events::Finalised(event) => Event::Finalised(RequestId::new(event.requestId)),
        Events::Credited(event) => Event::Credited(event.account, event.amount),
        _ => return None,
    })
}

fn game_event(event: MachineGameEvents, degree: u64) -> Option<Event> {
    use MachineGameEvents as Events;
    Some(match event {
        Events::ClaimPosted(event) => {
            let claim = Claim {
                host: event.claim.host,
                defender: event.claim.defender,
                salt: event.claim.salt,
                start: StateHash::new(event.claim.start.0),
                end: StateHash::new(event.claim.end.0),
                length: event.claim.length,
            };
            Event::Posted(ClaimId::new(event.claimId), claim)
        }
        Events::GameOpened(event) => Event::Opened(Game {
            id: GameId::new(event.gameId),
            claim: ClaimId::new(event.claimId),
            challenger: event.challenger,
        }),
        Events::Dissected(event) => {
            let ends = event.ends.iter().map(|end| StateHash::new(end.0)).collect();
            let range = (event.start, event.length);
            let from = StateHash::new(event.from.0);
            // The contract takes no other.
            let cut = Dissection::new(range, from, ends, degree).ok()?;
            let hash = DissectionHash::new(event.dissection.0);
            Event::Moved(GameId::new(event.gameId), hash, cut)
        }
        Events::StepProved(event) => Event::Proved(GameId::new(event.gameId), event.step),
        Events::GameEnded(event) => Event::Ended(GameId::new(event.gameId)),
        Events::ClaimFell(event) => Event::Fell(ClaimId::new(event.claimId)),
        Events::Credited(event) => Event::Credited(event.account, event.amount),
        Events::Burnt(event) => Event::Burnt(event.amount),
        _ => return None,
    })
}

fn question_of(question: &Question) -> InferenceClaims::Question {
    let (consumer, gas) = question.consumer.unwrap_or_default();
    InferenceClaims::Question {
        model: question.model.into_bytes().into(),
        fuel: InferenceClaims::Fuel {
            load: question.fuel.load,
            infer: question.fuel.infer,
        },
        expiry: alloy_primitives::aliases::U40::saturating_from(question.expiry),
        consumer,
        consumerGas: gas,
        salt: question.salt,
    }
}

fn question_from(question: &InferenceClaims::Question) -> Question {
    Question {
        model: BlobRoot::new(question.model.0),
        fuel: Fuel {
            load: question.fuel.load,
            infer: question.fuel.infer,
        },
        expiry: question.expiry.to(),
        consumer: (!question.consumer.is_zero())
            .then_some((question.consumer, question.consumerGas)),
        salt: question.salt,
    }
}

fn result_of(result: &Terminal) -> InferenceClaims::Result {
    match *result {
        Terminal::Failed => InferenceClaims::Result {
            failed: true,
            status: 0,
            outputRoot: B256::ZERO,
            loadFuelLeft: 0,
            fuelLeft: 0,
        },
        Terminal::Finished {
            status,
            output_root,
            load_fuel_left,
            fuel_left,
        } => InferenceClaims::Result {
            failed: false,
            status,
            outputRoot: output_root.into_bytes().into(),
            loadFuelLeft: load_fuel_left,
            fuelLeft: fuel_left,
        },
    }
}

fn result_from(result: &InferenceClaims::Result) -> Terminal {
    if result.failed {
        return Terminal::Failed;
    }
    Terminal::Finished {
        status: result.status,
        output_root: BlobRoot::new(result.outputRoot.0),
        load_fuel_left: result.loadFuelLeft,
        fuel_left: result.fuelLeft,
    }
}

fn rejection_of(rejected: &Rejection) -> MachineGame::Rejection {
    MachineGame::Rejection {
        start: rejected.start,
        length: rejected.length,
        index: U256::from(rejected.index),
        from: word(&rejected.from),
        to: word(&rejected.to),
        path: rejected.path.iter().map(|node| B256::from(*node)).collect(),
    }
}

fn ends_of(dissection: &Dissection) -> Vec<B256> {
    dissection.ends().iter().map(word).collect()
}

fn word(hash: &StateHash) -> B256 {
    B256::from(*hash.as_bytes())
}
