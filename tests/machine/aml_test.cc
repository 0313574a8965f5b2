// AML terms, byte by byte, as ACPI 6, chapter 20 has them.
#include "machine/aml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace aml = machine::aml;
using machine::TableBytes;
using ::testing::ElementsAre;

std::vector<int> bytes(const TableBytes& term) {
  std::vector<int> out;
  for (const std::byte byte : term.span()) {
    out.push_back(std::to_integer<int>(byte));
  }
  return out;
}

TEST(Aml, zero_and_one_are_bytes_of_their_own) {
  EXPECT_THAT(bytes(aml::integer(0)), ElementsAre(0x00));
  EXPECT_THAT(bytes(aml::integer(1)), ElementsAre(0x01));
}

TEST(Aml, an_integer_takes_the_shortest_form_that_holds_it) {
  EXPECT_THAT(bytes(aml::integer(0xff)), ElementsAre(0x0a, 0xff));
  EXPECT_THAT(bytes(aml::integer(0x100)), ElementsAre(0x0b, 0x00, 0x01));
  EXPECT_THAT(bytes(aml::integer(0x10000)), ElementsAre(0x0c, 0x00, 0x00, 0x01, 0x00));
  EXPECT_EQ(aml::integer(0x100000000).size(), 9u);
}

TEST(Aml, an_EISA_id_packs_three_letters_and_four_digits) {
  EXPECT_THAT(bytes(aml::eisa_id("PNP0A03")), ElementsAre(0x0c, 0x41, 0xd0, 0x0a, 0x03));
}

TEST(Aml, a_short_name_is_filled_up_with_underscores) {
  EXPECT_THAT(bytes(aml::name_path("ISA")), ElementsAre('I', 'S', 'A', '_'));
}

TEST(Aml, a_path_of_two_parts_begins_with_a_prefix) {
  EXPECT_THAT(bytes(aml::name_path("\\_SB.PCI0")),
              ElementsAre('\\', 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0'));
}

TEST(Aml, a_path_of_three_parts_begins_with_their_number) {
  EXPECT_THAT(
      bytes(aml::name_path("A.B.C")),
      ElementsAre(0x2f, 3, 'A', '_', '_', '_', 'B', '_', '_', '_', 'C', '_', '_', '_'));
}

TEST(Aml, a_package_tells_its_length_and_its_number_of_elements) {
  EXPECT_THAT(bytes(aml::package({aml::integer(0), aml::integer(7)})),
              ElementsAre(0x12, 5, 2, 0x00, 0x0a, 7));
}

TEST(Aml, a_length_of_64_takes_a_second_byte) {
  const TableBytes term = aml::package(aml::Terms(62, aml::integer(0)));  // 1 + 62 bytes

  EXPECT_THAT(bytes(term)[1], 0x41);  // 65 in all: 1 in the low bits, one byte more
  EXPECT_THAT(bytes(term)[2], 0x04);
  EXPECT_EQ(term.size(), 1 + 65u);
}

TEST(Aml, a_method_tells_how_many_arguments_it_takes) {
  EXPECT_THAT(bytes(aml::method("_SRS", 1, {})),
              ElementsAre(0x14, 6, '_', 'S', 'R', 'S', 0x01));
}

TEST(Aml, a_resource_template_ends_with_an_end_tag) {
  EXPECT_THAT(bytes(aml::resource_template({aml::io_ports(0xcf8, 8)})),
              ElementsAre(0x11, 0x0d, 0x0a, 0x0a, 0x47, 0x01, 0xf8, 0x0c, 0xf8, 0x0c,
                          0x01, 0x08, 0x79, 0x00));
}

}  // namespace
