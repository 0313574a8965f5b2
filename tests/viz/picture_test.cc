#include "viz/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>

#include "models.h"
#include "viz/text.h"
#include "viz/tree_text.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using viz::PictureOptions;
using viz::TypeModel;

#define SKIP_WITHOUT_GRAPHVIZ()               \
  if (!viz::graphviz_available()) {           \
    GTEST_SKIP() << "built without Graphviz"; \
  }

viz::Graph draw(const TypeModel& model, const PictureOptions& options = {}) {
  return viz::picture_find("types")->draw(model, options);
}

bool xmllint_present() {
  return std::system("xmllint --version >/dev/null 2>&1") == 0;
}

bool is_xml(const std::string& text) {
  std::FILE* pipe = popen("xmllint --noout --nonet --huge - 2>/dev/null", "w");
  std::fwrite(text.data(), 1, text.size(), pipe);
  return pclose(pipe) == 0;
}

std::vector<PictureOptions> many_options() {
  std::vector<PictureOptions> list(7);
  list[1].theme = &viz::dark_theme();
  list[2].select.all = true;
  list[3].select.fold = 0;
  list[4].families = true;
  list[5].legend = false;
  list[6].select.ancestors_of = "object";
  return list;
}

TEST(VizPicture, equal_models_give_byte_equal_dot) {
  SKIP_WITHOUT_GRAPHVIZ();
  for (const PictureOptions& options : many_options()) {
    EXPECT_EQ(draw(viz_test::big_model(), options).dot(),
              draw(viz_test::big_model(), options).dot());
  }
}

TEST(VizPicture, the_order_in_which_a_model_was_filled_does_not_matter) {
  SKIP_WITHOUT_GRAPHVIZ();
  TypeModel forward;
  TypeModel backward;
  for (int i = 0; i < 50; ++i) {
    forward.type("t" + std::to_string(i)).parent = i ? "t" + std::to_string(i / 3) : "";
    const int j = 49 - i;
    backward.type("t" + std::to_string(j)).parent = j ? "t" + std::to_string(j / 3) : "";
  }
  forward.settle();
  backward.settle();

  EXPECT_EQ(draw(forward).dot(), draw(backward).dot());
}

// The lines of a dot text in no order: reading numbers nodes by appearance, which may
// be in an edge.
std::multiset<std::string> lines_of(const std::string& dot) {
  std::multiset<std::string> lines;
  std::istringstream in(dot);
  for (std::string line; std::getline(in, line);) {
    lines.insert(line.substr(std::min(line.find_first_not_of('\t'), line.size())));
  }
  return lines;
}

TEST(VizPicture, every_dot_parses_and_means_the_same_again) {
  SKIP_WITHOUT_GRAPHVIZ();
  for (const PictureOptions& options : many_options()) {
    for (const TypeModel& model :
         {viz_test::small_model(), viz_test::big_model(), viz_test::hostile_model()}) {
      const std::string dot = draw(model, options).dot();

      EXPECT_EQ(lines_of(viz::dot_round_trip(dot)), lines_of(dot));
    }
  }
}

TEST(VizPicture, every_svg_is_xml) {
  SKIP_WITHOUT_GRAPHVIZ();
  if (!xmllint_present()) {
    GTEST_SKIP() << "xmllint is not installed (apt install libxml2-utils)";
  }
  for (const PictureOptions& options : many_options()) {
    for (const TypeModel& model :
         {viz_test::small_model(), viz_test::big_model(), viz_test::hostile_model()}) {
      EXPECT_TRUE(is_xml(draw(model, options).render("svg")));
    }
  }
}

TEST(VizPicture, hostile_names_do_not_become_markup) {
  SKIP_WITHOUT_GRAPHVIZ();
  for (const PictureOptions& options : many_options()) {
    const std::string svg = draw(viz_test::hostile_model(), options).render("svg");

    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
    EXPECT_THAT(svg, Not(HasSubstr("\xe2\x80\xae")));
  }
}

TEST(VizPicture, node_ids_are_type_names) {
  SKIP_WITHOUT_GRAPHVIZ();
  PictureOptions options;
  options.select.fold = 0;
  options.select.all = true;

  const viz::Graph graph = draw(viz_test::big_model(), options);

  EXPECT_EQ(graph.node_count(), 753U);
  EXPECT_THAT(graph.dot(), HasSubstr("\n\t\"pc-i440fx-2.0-machine\"\t["));
  EXPECT_THAT(graph.dot(), HasSubstr("object:e -> device:w"));
}

TEST(VizPicture, hostile_names_keep_nodes_apart) {
  SKIP_WITHOUT_GRAPHVIZ();
  const TypeModel model = viz_test::hostile_model();
  PictureOptions options;
  options.select.fold = 0;
  options.select.all = true;

  EXPECT_EQ(draw(model, options).node_count(), model.size());
}

TEST(VizPicture, state_is_told_by_colour_border_and_count) {
  SKIP_WITHOUT_GRAPHVIZ();
  for (const viz::Theme* theme : {&viz::light_theme(), &viz::dark_theme()}) {
    PictureOptions options;
    options.theme = theme;
    options.legend = false;

    const std::string dot = draw(viz_test::small_model(), options).dot();

    for (const viz::Box* box : {&theme->paper, &theme->klass, &theme->instantiated}) {
      EXPECT_THAT(dot, HasSubstr(box->fill));
      EXPECT_THAT(dot, HasSubstr(box->border));
      EXPECT_THAT(dot, HasSubstr(box->style));
    }
    EXPECT_THAT(dot, HasSubstr("\u00d72"));
  }
}

TEST(VizPicture, the_three_states_differ_in_every_way) {
  for (const viz::Theme* theme : {&viz::light_theme(), &viz::dark_theme()}) {
    const viz::Box* boxes[] = {&theme->paper, &theme->klass, &theme->instantiated};
    for (int i = 0; i < 3; ++i) {
      const viz::Box* other = boxes[(i + 1) % 3];
      EXPECT_STRNE(boxes[i]->fill, other->fill);
      EXPECT_STRNE(boxes[i]->border, other->border);
      EXPECT_STRNE(boxes[i]->style, other->style);
    }
  }
}

TEST(VizPicture, tooltips_carry_the_source_place) {
  SKIP_WITHOUT_GRAPHVIZ();

  EXPECT_THAT(draw(viz_test::small_model()).render("svg"), HasSubstr("src/hw/edu.cc:40"));
}

TEST(VizPicture, interfaces_are_dashed_edges_where_they_are_few) {
  SKIP_WITHOUT_GRAPHVIZ();
  PictureOptions focus, none;
  focus.select.ancestors_of = "edu";
  none.select.interface_edges = 0;

  EXPECT_THAT(draw(viz_test::small_model(), focus).dot(),
              HasSubstr("\"hotplug-handler\":e -> \"isa-device\":w"));
  EXPECT_THAT(draw(viz_test::small_model()).dot(),
              HasSubstr("\"hotplug-handler\":e -> "));
  EXPECT_THAT(draw(viz_test::small_model(), none).dot(),
              Not(HasSubstr("\"hotplug-handler\":e -> ")));
}

TEST(VizPicture, png_pdf_and_json_are_what_they_say) {
  SKIP_WITHOUT_GRAPHVIZ();
  const viz::Graph graph = draw(viz_test::small_model());

  EXPECT_EQ(graph.render("png").substr(1, 3), "PNG");
  EXPECT_EQ(graph.render("pdf").substr(0, 4), "%PDF");
  EXPECT_EQ(graph.render("json").substr(0, 1), "{");
}

TEST(VizPicture, an_unknown_format_is_refused) {
  SKIP_WITHOUT_GRAPHVIZ();

  EXPECT_THROW(draw(viz_test::small_model()).render("gifff"), std::runtime_error);
}

TEST(VizPicture, drawing_twice_from_one_graph_gives_the_same) {
  SKIP_WITHOUT_GRAPHVIZ();
  const viz::Graph graph = draw(viz_test::big_model());

  EXPECT_EQ(graph.render("svg"), graph.render("svg"));
}

TEST(VizPicture, without_graphviz_the_error_says_how_to_get_it) {
  EXPECT_THAT(viz::GraphvizMissing().what(), HasSubstr("apt install libgraphviz-dev"));
}

TEST(VizTreeText, the_tree_shows_states_counts_and_closed_branches) {
  const std::string text = viz::types_as_text(viz_test::big_model(), {});

  EXPECT_THAT(text, HasSubstr("753 types, "));
  EXPECT_THAT(text, HasSubstr("(virtio-pci)  +88"));
}

TEST(VizTreeText, objects_are_counted) {
  EXPECT_THAT(viz::types_as_text(viz_test::small_model(), {}),
              HasSubstr("\u25cf edu \u00d72"));
}

TEST(VizTreeText, hostile_names_cannot_move_the_cursor) {
  viz::TextOptions options;
  options.select.all = true;

  const std::string text = viz::types_as_text(viz_test::hostile_model(), options);

  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(text, Not(HasSubstr(std::string(1, '\0'))));
}

}  // namespace
