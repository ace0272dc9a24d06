// SPDX-License-Identifier: Apache-2.0
#pragma once

// A listener answers a few calls at a time, so that they leave the machine to the ledger; more may wait for a block or
// a verdict meanwhile (ServerLimits). A call that only waits gives its place to another.

#include <semaphore>

namespace rpc {

class Places {
 public:
  explicit Places(unsigned count) : free_(static_cast<std::ptrdiff_t>(count)) {}

  /// The place of the call that this thread answers.
  class Taken {
   public:
    explicit Taken(Places& places) : places_(places) {
      places_.free_.acquire();
      current_ = &places_;
    }
    ~Taken() {
      current_ = nullptr;
      places_.free_.release();
    }
    Taken(Taken const&) = delete;
    Taken& operator=(Taken const&) = delete;

   private:
    Places& places_;
  };

  /// While it lives, the call of this thread only waits; for a thread that answers none it does nothing.
  class Left {
   public:
    Left() : places_(current_) {
      if (places_ != nullptr) places_->free_.release();
    }
    ~Left() {
      if (places_ != nullptr) places_->free_.acquire();
    }
    Left(Left const&) = delete;
    Left& operator=(Left const&) = delete;

   private:
    Places* places_;
  };

 private:
  std::counting_semaphore<> free_;
  static inline thread_local Places* current_ = nullptr;
};

}  // namespace rpc
