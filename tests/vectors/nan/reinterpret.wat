;; Reinterpretation shows bits.
(module
  (func (export "leak f32") (param f32) (result i32)
    (i32.reinterpret_f32 (f32.div (f32.const 0) (f32.sub (local.get 0) (local.get 0)))))
  (func (export "leak f64") (param f64) (result i64)
    (i64.reinterpret_f64 (f64.sqrt (f64.sub (local.get 0) (local.get 0)))))
  (func (export "leak promoted") (param f32) (result i64)
    (i64.reinterpret_f64 (f64.promote_f32 (local.get 0))))
  (func (export "leak demoted") (param f64) (result i32)
    (i32.reinterpret_f32 (f32.demote_f64 (local.get 0))))
  (func (export "keep constant") (result i32)
    (i32.reinterpret_f32 (f32.const nan:0x200001)))
  (func (export "keep there and back") (param i32) (result i32)
    (i32.reinterpret_f32 (f32.reinterpret_i32 (local.get 0))))
  (func (export "leak payload through arithmetic") (param i32) (result i32)
    (i32.reinterpret_f32
      (f32.add (f32.reinterpret_i32 (i32.or (local.get 0) (i32.const 0x7fa00001))) (f32.const 1)))))
