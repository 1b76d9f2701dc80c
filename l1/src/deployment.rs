//! All contracts of a dispute.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolValue;
use enshrine_runtime::{limits, program::ProgramHeader};

use crate::{
    abi::{InferenceClaims, MachineGame},
    artifacts::{CLAIMS, GAME, REGISTRY, entry_init_code, families, init_code},
    chain::Call,
};

/// What disputes are had with. [docs/economics.md](../../docs/economics.md) has the arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GameParameters {
    /// Most segments of a move, 2 to 256.
    pub degree: u64,
    /// Seconds in which a claim can be challenged.
    pub window: u32,
    /// Seconds that each player has for all moves of a game.
    pub clock: u32,
    /// Seconds that the defender has on top for his first move.
    pub grace: u32,
    /// Wei that stand for a claim.
    pub claim_bond: U256,
    /// Wei that stand for a challenge.
    pub challenge_bond: U256,
    /// Wei for a unit of gas above the base fee that are refunded at most.
    pub max_tip: U256,
    /// Steps of `infer` that a question can ask for at most: what takes longer could not be disputed in time.
    pub max_fuel: u64,
}

/// Wei of an ether.
const ETHER: u64 = 1_000_000_000_000_000_000;

/// Wei of a gwei.
const GWEI: u64 = 1_000_000_000;

const DAY: u32 = 86_400;

impl GameParameters {
    /// For Ethereum's main network.
    pub const MAINNET: Self = Self {
        degree: 64,
        window: 2 * DAY,
        clock: 2 * DAY,
        grace: DAY / 4,
        claim_bond: U256::from_limbs([2 * ETHER, 0, 0, 0]),
        challenge_bond: U256::from_limbs([ETHER, 0, 0, 0]),
        max_tip: U256::from_limbs([3 * GWEI, 0, 0, 0]),
        max_fuel: 1 << 42,
    };

    /// For a chain on which one wants to see a verdict today.
    pub const DEVNET: Self = Self {
        degree: 64,
        window: 300,
        clock: 300,
        grace: 60,
        claim_bond: U256::from_limbs([ETHER, 0, 0, 0]),
        challenge_bond: U256::from_limbs([ETHER / 2, 0, 0, 0]),
        max_tip: U256::from_limbs([3 * GWEI, 0, 0, 0]),
        max_fuel: 1 << 40,
    };
}

/// Where the contracts of a dispute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Judges steps.
    pub verifier: Address,
    /// Judges claims.
    pub game: Address,
    /// Knows models.
    pub registry: Address,
    /// Takes questions and answers.
    pub claims: Address,
}

impl Deployment {
    /// Deploys all of them for a program. `deploy` is given each deployment, and says where the contract is.
    ///
    /// # Errors
    /// Those of `deploy`.
    pub fn deploy<E>(
        program: &ProgramHeader,
        parameters: &GameParameters,
        mut deploy: impl FnMut(Call) -> Result<Address, E>,
    ) -> Result<Self, E> {
        let mut deploy = |code: Vec<u8>| deploy(Call::deploy(code));
        let families: Vec<_> = families()
            .map(|(_, artifact)| deploy(init_code(artifact)))
            .collect::<Result<_, E>>()?;
        let verifier = deploy(entry_init_code(&families))?;
        let game = deploy(game_init_code(verifier, parameters))?;
        let registry = deploy(init_code(REGISTRY))?;
        let claims = deploy(claims_init_code(
            game,
            registry,
            program,
            parameters.max_fuel,
        ))?;
        Ok(Self {
            verifier,
            game,
            registry,
            claims,
        })
    }
}

fn game_init_code(verifier: Address, parameters: &GameParameters) -> Vec<u8> {
    let GameParameters {
        degree,
        window,
        clock,
        grace,
        claim_bond,
        challenge_bond,
        max_tip,
        max_fuel: _,
    } = *parameters;
    let parameters = MachineGame::Parameters {
        verifier,
        degree: U256::from(degree),
        window,
        clock,
        grace,
        claimBond: claim_bond,
        challengeBond: challenge_bond,
        maxTip: max_tip,
    };
    [init_code(GAME), parameters.abi_encode()].concat()
}

fn claims_init_code(
    game: Address,
    registry: Address,
    program: &ProgramHeader,
    max_fuel: u64,
) -> Vec<u8> {
    let program = program_of(program);
    let arguments = (game, registry, program, max_fuel).abi_encode_params();
    [init_code(CLAIMS), arguments].concat()
}

/// A program as the contracts know it.
pub(crate) fn program_of(header: &ProgramHeader) -> InferenceClaims::Program {
    let ProgramHeader {
        code_root,
        tables_root,
        data_root,
        globals_root,
        memory_root,
        memory_pages,
        max_memory_pages,
    } = *header;
    InferenceClaims::Program {
        codeRoot: code_root.into_bytes().into(),
        tablesRoot: tables_root.into_bytes().into(),
        dataRoot: data_root.into_bytes().into(),
        globalsRoot: globals_root.into_bytes().into(),
        memoryRoot: memory_root.into_bytes().into(),
        memoryPages: memory_pages,
        maxMemoryPages: max_memory_pages,
        stackSlots: limits::MAX_STACK_SLOTS,
        loadFuel: limits::LOAD_FUEL,
    }
}
