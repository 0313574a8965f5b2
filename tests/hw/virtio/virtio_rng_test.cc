// The virtio source of random numbers, fed from files of the host.
#include "driver.h"
#include "qom/composition.h"

namespace virtio_test {
namespace {

class RngBoard {
 public:
  explicit RngBoard(const std::string& bytes,
                    const std::map<std::string, std::string>& properties = {})
      : board_("pc-i440fx-4.0") {
    backend_ = user_creatable_add_type("rng-random", "r0",
                                       {{"filename", temporary_file(bytes)}});
    std::map<std::string, std::string> all = properties;
    all["rng"] = "r0";
    card_ = add_card(DiskBoard::bus(), "virtio-rng-pci", all);
    driver_ = std::make_unique<Driver>(card_, Face::modern);
    driver_->start();
  }

  ~RngBoard() {
    const Ref<> alive(object_ref(card_));
    object_unparent(card_);
    object_unref(backend_);
    user_creatable_del("r0");
  }

  // The bytes that came.
  std::string ask(std::uint32_t size) {
    const std::uint16_t before = driver_->used_index();
    driver_->describe(0, {{data_at, size, true}});
    driver_->make_available(0);
    driver_->notify();
    return driver_->used_index() == before ? "" : answer(before);
  }

  std::string answer(unsigned entry) {
    const Bytes bytes = driver_->data(driver_->used_length(entry));
    return {bytes.begin(), bytes.end()};
  }

  Board board_;
  Object* backend_;
  PCIDevice* card_;
  std::unique_ptr<Driver> driver_;
};

TEST(VirtioRng, gives_what_its_back_end_gives) {
  RngBoard it("0123456789");

  EXPECT_EQ(it.ask(4), "0123");
  EXPECT_EQ(it.ask(4), "4567");
}

TEST(VirtioRng, gives_less_if_there_is_less) {
  RngBoard it("01234");

  EXPECT_EQ(it.ask(8), "01234");
}

TEST(VirtioRng, keeps_a_buffer_until_there_is_something) {
  RngBoard it("");

  EXPECT_EQ(it.ask(8), "");
  EXPECT_EQ(it.card_->irq_state, 0);
}

TEST(VirtioRng, gives_no_more_than_its_share_of_a_period) {
  RngBoard it("0123456789", {{"max-bytes", "6"}, {"period", "1000"}});

  EXPECT_EQ(it.ask(4), "0123");
  EXPECT_EQ(it.ask(4), "45");
  EXPECT_EQ(it.ask(4), "");
  it.board_.pass(1'000'000'001);

  EXPECT_EQ(it.driver_->used_index(), 3);
  EXPECT_EQ(it.answer(2), "6789");
}

TEST(VirtioRng, makes_a_back_end_of_its_own) {
  const Board board("pc-i440fx-4.0");

  PCIDevice* card = add_card(DiskBoard::bus(), "virtio-rng-pci", {});

  Object* rng = object_property_get_link(card, "rng");
  EXPECT_STREQ(object_get_typename(rng), "rng-random");
  EXPECT_EQ(
      rng, object_resolve_path_component(
               object_resolve_path_component(card, "virtio-backend"), "default-backend"));
}

TEST(VirtioRng, refuses_in_the_words_of_4_0) {
  const Board board("pc-i440fx-4.0");
  const auto add = [](const char* name, const char* value) {
    return error_of([&] {
      add_card(DiskBoard::bus(), "virtio-rng-pci", {{name, value}});
    });
  };

  EXPECT_EQ(add("period", "0"), "'period' parameter expects a positive integer");
  EXPECT_EQ(add("max-bytes", "0x8000000000000000"),
            "'max-bytes' parameter must be non-negative, and less than 2^63");
  EXPECT_EQ(add("rng", "nosuch"), "Device 'nosuch' not found");
}

}  // namespace
}  // namespace virtio_test
