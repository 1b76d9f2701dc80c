;; wasmi 2.0.0 fused `select` with the `i32.eqz` of a local and took the condition from a stale register.
(module
  (func (export "f") (param i32 i32) (result i32) (local f32)
    f32.const nan
    local.get 2
    local.get 2
    local.get 2
    f32.eq
    select
    drop
    i32.const 77
    local.get 1
    local.get 0
    i32.eqz
    select)
  (func (export "through a block") (param i32 i32) (result i32)
    i32.const 77
    local.get 1
    block (result i32)
      local.get 0
      i32.eqz
    end
    nop
    select))
