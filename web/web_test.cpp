// SPDX-License-Identifier: Apache-2.0
#include "web/web.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace web {
namespace {

TEST(Pages, AreInTheBinaryWithTheirTypes) {
  auto const page = asset("trace.html");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->type, "text/html; charset=utf-8");
  EXPECT_NE(page->bytes.find("/assets/trace.js"), std::string_view::npos);
  EXPECT_EQ(asset("trace.css")->type, "text/css; charset=utf-8");
  EXPECT_EQ(asset("mark.svg")->type, "image/svg+xml");
  EXPECT_EQ(asset("vendor/LICENSE-noble")->type, "text/plain; charset=utf-8");
  EXPECT_FALSE(asset("test/vectors.test.mjs").has_value());
  EXPECT_FALSE(asset("../CMakeLists.txt").has_value());
  EXPECT_FALSE(asset("").has_value());
}

/// The path that a module's import leads to, from the folder of the module.
std::string resolved(std::string_view module, std::string import) {
  std::string folder(module.substr(0, module.rfind('/') == std::string_view::npos ? 0 : module.rfind('/')));
  while (import.starts_with("../") || import.starts_with("./")) {
    if (import.starts_with("../")) folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'));
    import.erase(0, import.find('/') + 1);
  }
  return folder.empty() ? import : folder + "/" + import;
}

TEST(Pages, HaveEveryModuleThatTheyImport) {
  std::regex const import_line(R"((?:^|\n)(?:import|\})[^;]*? from '(\.[^']+)';)");
  std::set<std::string> seen;
  // The languages are imported by name when they are chosen.
  std::vector<std::string> next = {"trace.js", "index.js", "i18n/en.js", "i18n/zh.js"};
  while (!next.empty()) {
    auto const name = next.back();
    next.pop_back();
    if (!seen.insert(name).second) continue;
    auto const module = asset(name);
    ASSERT_TRUE(module.has_value()) << name;
    EXPECT_EQ(module->type, "text/javascript; charset=utf-8");
    std::string const text(module->bytes);
    for (std::sregex_iterator found(text.begin(), text.end(), import_line), end; found != end; ++found) {
      next.push_back(resolved(name, (*found)[1]));
    }
  }
  EXPECT_GT(seen.size(), 20U);
}

}  // namespace
}  // namespace web
