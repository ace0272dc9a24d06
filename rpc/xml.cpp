// SPDX-License-Identifier: Apache-2.0
#include "rpc/xml.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/value.hpp"
#include "gs1/document.hpp"
#include "gs1/identifier.hpp"
#include "rpc/json.hpp"
#include "rpc/xml_text.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using Node = pugi::xml_node;

constexpr unsigned depth_max = 32;
constexpr std::size_t namespaces_max = 64;
constexpr std::string_view epcis_context = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

Error form(std::string field, std::string detail) { return {Code::E_EVENT_FORM, std::move(field), std::move(detail)}; }

/// All text of an element, comments and children left out.
std::string text_of(Node node) {
  std::string out;
  for (Node const child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  return std::string(trimmed(out));
}

bool has_elements(Node node) {
  return std::ranges::any_of(node.children(), [](Node child) { return child.type() == pugi::node_element; });
}

class Converter {
 public:
  Result<Value> document(Node root);

 private:
  using Scope = std::map<std::string, std::string, std::less<>>;

  /// Opens the namespaces that an element declares, until the end of its block.
  class Opened {
   public:
    Opened(Converter& converter, Node node) : converter_(converter), before_(converter.scope_) {
      ++converter.depth_;
      for (auto const attribute : node.attributes()) {
        std::string_view const name = attribute.name();
        if (name == "xmlns") converter.scope_[""] = attribute.value();
        if (name.starts_with("xmlns:")) converter.scope_[std::string(name.substr(6))] = attribute.value();
      }
    }
    ~Opened() {
      --converter_.depth_;
      converter_.scope_ = std::move(before_);
    }
    Opened(Opened const&) = delete;
    Opened& operator=(Opened const&) = delete;

   private:
    Converter& converter_;
    Scope before_;
  };

  Result<void> check_depth(Node node) const {
    if (depth_ <= depth_max) return {};
    return form(node.name(), "more than 32 elements inside one another");
  }
  std::string_view namespace_of(std::string_view name) const;
  std::string declared(std::string_view prefix, std::string_view uri);
  /// The key of an extension's element or attribute in JSON.
  std::string key_of(std::string_view name);
  std::string value_text(std::string text);
  Result<Value> extension(Node node);
  Result<void> add_extension(Value& out, Node node);
  Result<Value> event(Node node);
  Result<void> field(Value& event, Node node);
  Result<Value> list_of(Node node, std::string_view element, Value (Converter::*each)(Node));
  Result<Value> object_of(Node node);
  Result<Value> sensors(Node node);
  Value text_value(Node node) { return Value::of(value_text(text_of(node))); }
  Value quantity(Node node);
  Value pair(Node node);
  Value attributes(Node node);
  Result<void> events_of(Node list, std::vector<Value>& out);
  Value context() const;

  Scope scope_;
  unsigned depth_ = 0;
  /// What the JSON-LD context declares: prefix to namespace.
  std::map<std::string, std::string> prefixes_;
};

std::string_view Converter::namespace_of(std::string_view name) const {
  auto const found = scope_.find(prefix_of(name));
  return found == scope_.end() ? std::string_view{} : std::string_view(found->second);
}

/// The prefix that stands for a namespace in JSON: its own, or another where that is taken or protected.
std::string Converter::declared(std::string_view prefix, std::string_view uri) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"cbv", "https://ref.gs1.org/cbv/"},
      {"cbvmda", "urn:epcglobal:cbv:mda:"},
      {"gs1", "https://gs1.org/voc/"},
      {"epcis", "https://ref.gs1.org/epcis/"},
      {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
      {"owl", "http://www.w3.org/2002/07/owl#"},
      {"xsd", "http://www.w3.org/2001/XMLSchema#"},
      {"dcterms", "http://purl.org/dc/terms/"},
      {"tally", "https://tallystick.example/ns/"},
  };
  bool is_protected = false;
  for (auto const& [name, iri] : known) {
    if (iri == uri && name != "tally") return std::string(name);
    if (iri == uri) {
      prefixes_[std::string(name)] = iri;
      return std::string(name);
    }
    is_protected = is_protected || name == prefix;
  }
  for (auto const& [name, iri] : prefixes_) {
    if (iri == uri) return name;
  }
  auto const wanted = is_protected || prefix.empty() ? "x" + std::string(prefix) : std::string(prefix);
  auto name = wanted;
  for (unsigned number = 2; prefixes_.contains(name); ++number) name = wanted + std::to_string(number);
  prefixes_[name] = uri;
  return name;
}

std::string Converter::key_of(std::string_view name) {
  auto const uri = namespace_of(name);
  if (is_standard_namespace(uri)) return std::string(local_of(name));
  return declared(prefix_of(name), uri) + ":" + std::string(local_of(name));
}

/// A value may begin with a prefix that only XML declares; then JSON declares it too.
std::string Converter::value_text(std::string text) {
  auto const prefix = prefix_of(text);
  if (prefix.empty() || prefix == "http" || prefix == "https" || prefix == "urn") return text;
  auto const found = scope_.find(prefix);
  if (found == scope_.end() || is_standard_namespace(found->second)) return text;
  return declared(prefix, found->second) + text.substr(prefix.size());
}

/// An element of another namespace: a text, or an object of its attributes and elements.
Result<Value> Converter::extension(Node node) {
  Opened const opened(*this, node);
  TRY(check_depth(node));
  auto out = Value::object();
  for (auto const attribute : node.attributes()) {
    std::string_view const name = attribute.name();
    if (name == "xmlns" || name.starts_with("xmlns:") || namespace_of(name).ends_with("XMLSchema-instance")) continue;
    // An attribute without a prefix belongs to its element.
    auto const prefix = prefix_of(name).empty() ? prefix_of(node.name()) : std::string_view{};
    out.add(key_of(prefix.empty() ? std::string(name) : std::string(prefix) + ":" + std::string(name)),
            Value::of(value_text(attribute.value())));
  }
  if (!has_elements(node) && out.members.empty()) return Value::of(text_of(node));
  for (Node const child : node.children()) {
    if (child.type() == pugi::node_element) TRY(add_extension(out, child));
  }
  auto const text = text_of(node);
  if (!text.empty()) add_to(out, "rdfs:label", Value::of(text));
  return out;
}

Result<void> Converter::add_extension(Value& out, Node node) {
  std::string key;
  {
    Opened const opened(*this, node);
    key = key_of(node.name());
  }
  TRY_ASSIGN(auto value, extension(node));
  add_to(out, std::move(key), std::move(value));
  return {};
}

Result<Value> Converter::list_of(Node node, std::string_view element, Value (Converter::*each)(Node)) {
  auto out = Value::array();
  for (Node const child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    Opened const opened(*this, child);
    if (local_of(child.name()) != element || !is_standard_namespace(namespace_of(child.name()))) {
      return form(std::string(local_of(node.name())) + "." + child.name(), "is no element here");
    }
    auto value = (this->*each)(child);
    // XML may name a key twice; in JSON it then stands there in its other spelling.
    bool const twice = value.is(Value::Kind::string) &&
                       std::ranges::any_of(out.items, [&](Value const& one) { return one.text == value.text; });
    if (twice) value.text = gs1::canonical_link(value.text);
    out.items.push_back(std::move(value));
  }
  return out;
}

Value Converter::quantity(Node node) {
  auto out = Value::object();
  for (Node const child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    auto const name = local_of(child.name());
    out.add(std::string(name), name == "quantity" ? number_of(text_of(child)) : text_value(child));
  }
  return out;
}

/// <source type="…">…</source> and the like.
Value Converter::pair(Node node) {
  auto out = Value::object();
  if (auto const type = node.attribute("type")) out.add("type", Value::of(value_text(type.value())));
  out.add(std::string(local_of(node.name())), text_value(node));
  return out;
}

/// sensorMetadata and sensorReport, whose fields are attributes.
Value Converter::attributes(Node node) {
  constexpr std::string_view numbers[] = {"value", "minValue", "maxValue", "meanValue",
                                          "sDev",  "percRank", "percValue"};
  Opened const opened(*this, node);
  auto out = Value::object();
  for (auto const attribute : node.attributes()) {
    std::string_view const name = attribute.name();
    if (name == "xmlns" || name.starts_with("xmlns:")) continue;
    auto const key = prefix_of(name).empty() ? std::string(name) : key_of(name);
    std::string text = attribute.value();
    if (std::ranges::find(numbers, key) != std::end(numbers)) {
      out.add(key, number_of(std::move(text)));
    } else if (key == "booleanValue") {
      out.add(key, boolean_of(std::move(text)));
    } else {
      out.add(key, Value::of(is_time(key) ? with_seconds(std::move(text)) : value_text(std::move(text))));
    }
  }
  return out;
}

/// Fields of text and extensions: readPoint, bizLocation, errorDeclaration, ilmd. Elements that version 1 wraps its
/// later fields in are opened.
Result<Value> Converter::object_of(Node node) {
  Opened const opened(*this, node);
  TRY(check_depth(node));
  auto out = Value::object();
  for (Node const child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    auto const name = std::string_view(child.name());
    if (name == "extension") {
      TRY_ASSIGN(auto inner, object_of(child));
      for (auto& [key, value] : inner.members) add_to(out, key, std::move(value));
    } else if (name == "correctiveEventIDs") {
      TRY_ASSIGN(auto ids, list_of(child, "correctiveEventID", &Converter::text_value));
      out.add("correctiveEventIDs", std::move(ids));
    } else if (is_time(name)) {
      out.add(std::string(name), Value::of(with_seconds(text_of(child))));
    } else {
      TRY(add_extension(out, child));
    }
  }
  return out;
}

Result<Value> Converter::sensors(Node node) {
  auto out = Value::array();
  for (Node const element : node.children()) {
    if (element.type() != pugi::node_element) continue;
    Opened const opened(*this, element);
    if (local_of(element.name()) != "sensorElement") {
      return form("sensorElementList." + std::string(element.name()), "is no element here");
    }
    auto one = Value::object();
    auto reports = Value::array();
    for (Node const child : element.children()) {
      if (child.type() != pugi::node_element) continue;
      auto const name = std::string_view(child.name());
      if (local_of(name) == "sensorMetadata") {
        one.add("sensorMetadata", attributes(child));
      } else if (local_of(name) == "sensorReport") {
        reports.items.push_back(attributes(child));
      } else {
        TRY(add_extension(one, child));
      }
    }
    one.add("sensorReport", std::move(reports));
    out.items.push_back(std::move(one));
  }
  return out;
}

struct ListField {
  std::string_view name;
  std::string_view element;
};
constexpr ListField key_lists[] = {
    {"epcList", "epc"}, {"childEPCs", "epc"}, {"inputEPCList", "epc"}, {"outputEPCList", "epc"}};
constexpr std::string_view quantity_lists[] = {"quantityList", "childQuantityList", "inputQuantityList",
                                               "outputQuantityList"};
constexpr ListField pair_lists[] = {
    {"bizTransactionList", "bizTransaction"}, {"sourceList", "source"}, {"destinationList", "destination"}};

Result<void> Converter::field(Value& event, Node node) {
  Opened const opened(*this, node);
  TRY(check_depth(node));
  std::string const name(local_of(node.name()));
  if (!is_standard_namespace(namespace_of(node.name()))) return add_extension(event, node);
  if (name == "extension" || name == "baseExtension") {
    for (Node const child : node.children()) {
      if (child.type() == pugi::node_element) TRY(field(event, child));
    }
    return {};
  }
  auto const add = [&](Result<Value> value) -> Result<void> {
    if (!value) return value.error();
    add_to(event, name, *std::move(value));
    return {};
  };
  for (auto const& [list, element] : key_lists) {
    if (name == list) return add(list_of(node, element, &Converter::text_value));
  }
  for (auto const list : quantity_lists) {
    if (name == list) return add(list_of(node, "quantityElement", &Converter::quantity));
  }
  for (auto const& [list, element] : pair_lists) {
    if (name == list) return add(list_of(node, element, &Converter::pair));
  }
  if (name == "readPoint" || name == "bizLocation" || name == "errorDeclaration" || name == "ilmd") {
    return add(object_of(node));
  }
  if (name == "sensorElementList") return add(sensors(node));
  if (name == "persistentDisposition") {
    auto out = Value::object();
    for (Node const child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      std::string const part(local_of(child.name()));
      if (out.find(part) == nullptr) out.add(part, Value::array());
      for (auto& [key, words] : out.members) {
        if (key == part) words.items.push_back(text_value(child));
      }
    }
    return add(std::move(out));
  }
  if (has_elements(node)) return form(name, "is no field of an event");
  if (is_time(name)) return add(Value::of(with_seconds(text_of(node))));
  return add(text_value(node));
}

Result<Value> Converter::event(Node node) {
  Opened const opened(*this, node);
  std::string const type(local_of(node.name()));
  auto out = Value::object();
  // The class count of version 1.0 is an observation of a quantity.
  bool const is_count = type == "QuantityEvent";
  out.add("type", Value::of(is_count ? "ObjectEvent" : type));
  auto count = Value::object();
  for (Node const child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    auto const name = local_of(child.name());
    if (is_count && name == "epcClass") {
      count.add("epcClass", text_value(child));
    } else if (is_count && name == "quantity") {
      count.add("quantity", number_of(text_of(child)));
    } else {
      TRY(field(out, child));
    }
  }
  if (is_count) {
    out.add("action", Value::of("OBSERVE"));
    out.add("quantityList", Value::array({std::move(count)}));
  }
  return out;
}

/// Version 1 wraps the event types that came later in <extension>.
Result<void> Converter::events_of(Node list, std::vector<Value>& out) {
  Opened const opened(*this, list);
  TRY(check_depth(list));
  for (Node const child : list.children()) {
    if (child.type() != pugi::node_element) continue;
    if (local_of(child.name()) == "extension") {
      TRY(events_of(child, out));
      continue;
    }
    if (out.size() == gs1::document_events_max) return Error{Code::E_TOO_LARGE, "EventList", "at most 4096 events"};
    auto event_read = event(child);
    if (!event_read) {
      auto error = event_read.error();
      error.field = "eventList[" + std::to_string(out.size()) + "]." + error.field;
      return error;
    }
    out.push_back(*std::move(event_read));
  }
  return {};
}

Value Converter::context() const {
  auto out = Value::array({Value::of(epcis_context)});
  auto names = Value::object();
  for (auto const& [prefix, iri] : prefixes_) names.add(prefix, Value::of(iri));
  if (!prefixes_.empty()) out.items.push_back(std::move(names));
  return out;
}

Node child_named(Node node, std::string_view local) {
  for (Node const child : node.children()) {
    if (child.type() == pugi::node_element && local_of(child.name()) == local) return child;
  }
  return {};
}

/// What a query parameter's value is: one text, or the texts of its list.
Result<Value> parameter_value(Node value, std::string const& name) {
  if (!value) return form(name, "has no value");
  if (!has_elements(value)) {
    auto const type = std::string_view(value.attribute("xsi:type").value());
    if (local_of(type) == "VoidHolder") return Value::of_null();
    auto text = text_of(value);
    if (text.empty()) return form(name, "has no value");
    auto number = number_of(text);
    bool const counts = number.is(Value::Kind::number) && (local_of(type) != "string");
    return counts ? number : Value::of(std::move(text));
  }
  auto out = Value::array();
  for (Node const one : value.children()) {
    if (one.type() == pugi::node_element) out.items.push_back(Value::of(text_of(one)));
  }
  return out;
}

/// A SOAP-style Poll or Subscribe: the query's parameters, as REST has them.
Result<Value> poll(Node node) {
  auto const query_name = text_of(child_named(node, "queryName"));
  if (query_name.empty()) return form("queryName", "is missing");
  if (query_name != "SimpleEventQuery") return form("queryName", "expected SimpleEventQuery");
  auto out = Value::object();
  out.add("@context", Value::of("https://ref.gs1.org/standards/epcis/2.0.0/query-schema.json"));
  for (Node const parameter : child_named(node, "params").children()) {
    if (parameter.type() != pugi::node_element) continue;
    auto const name = text_of(child_named(parameter, "name"));
    if (local_of(parameter.name()) != "param" || name.empty()) return form("params", "expected param with a name");
    if (out.find(name) != nullptr) return form(name, "stands twice");
    TRY_ASSIGN(auto value, parameter_value(child_named(parameter, "value"), name));
    out.add(name, std::move(value));
  }
  return out;
}

Result<Value> Converter::document(Node root) {
  Opened const opened(*this, root);
  std::string const type(local_of(root.name()));
  if (type.ends_with("Event")) {
    TRY_ASSIGN(auto one, event(root));
    one.members.emplace(one.members.begin(), "@context", context());
    return one;
  }
  if (type != "EPCISDocument" && type != "EPCISQueryDocument") {
    return form(type, "expected EPCISDocument, EPCISQueryDocument or an event");
  }
  if (!is_version(root.attribute("schemaVersion").value())) return form("schemaVersion", "expected 1.0 to 2.0");
  auto body = child_named(root, "EPCISBody");
  if (!body) body = root;
  Opened const inner(*this, body);
  for (char const* const call : {"Poll", "Subscribe"}) {
    if (auto const node = child_named(body, call)) return poll(node);
  }
  auto results = child_named(body, "QueryResults");
  if (!results) results = body;
  Opened const innermost(*this, results);
  bool const is_query = type == "EPCISQueryDocument";
  auto const list = child_named(is_query ? child_named(results, "resultsBody") : body, "EventList");
  if (!list) return form(is_query ? "QueryResults.resultsBody.EventList" : "EPCISBody.EventList", "is missing");
  std::vector<Value> events;
  TRY(events_of(list, events));
  auto content = Value::object();
  content.add("eventList", Value::array(std::move(events)));
  if (is_query) {
    auto outer = Value::object();
    for (std::string_view const name : {"subscriptionID", "queryName"}) {
      auto const text = text_of(child_named(results, name));
      if (!text.empty()) outer.add(std::string(name), Value::of(text));
    }
    outer.add("resultsBody", std::move(content));
    content = Value::object();
    content.add("queryResults", std::move(outer));
  }
  auto out = Value::object();
  out.add("@context", context());
  out.add("type", Value::of(type));
  out.add("schemaVersion", Value::of("2.0"));
  // Some writers of query results call it createdAt.
  auto const created = root.attribute("creationDate") ? root.attribute("creationDate") : root.attribute("createdAt");
  out.add("creationDate", Value::of(with_seconds(created.value())));
  out.add("epcisBody", std::move(content));
  if (prefixes_.size() > namespaces_max) return Error{Code::E_TOO_LARGE, "xmlns", "at most 64 namespaces"};
  return out;
}

/// What XML 1.0 asks of a document and pugixml lets through; resolves the references on the way.
class Judge : public pugi::xml_tree_walker {
 public:
  bool for_each(Node& node) override {
    auto const result = judge(node);
    if (!result) error_ = result.error();
    return result.has_value();
  }
  std::optional<Error> const& error() const { return error_; }

 private:
  Result<void> judge(Node node) {
    switch (node.type()) {
      case pugi::node_doctype:
        return form("DOCTYPE", "no document type is read; leave it out");
      case pugi::node_declaration:
        if (is_utf8_name(node.attribute("encoding").as_string("UTF-8"))) return {};
        return form("encoding", "XML in UTF-8 expected");
      case pugi::node_element:
        return element(node);
      case pugi::node_pcdata: {
        auto text = unescaped(node.value());
        if (!node.parent().parent()) return form("", "text outside the element");
        if (!text) return form(node.parent().name(), undeclared);
        node.set_value(text->c_str());
        return {};
      }
      default:
        return {};
    }
  }

  Result<void> element(Node node) {
    // The document stands at depth 0; a converter that goes less deep says so by the field.
    if (depth() > static_cast<int>(2 * depth_max)) return form(node.name(), "more than 64 elements inside one another");
    TRY(check_prefix(node, node.name()));
    std::vector<std::string_view> names;
    for (auto attribute : node.attributes()) {
      names.emplace_back(attribute.name());
      TRY(check_prefix(node, attribute.name()));
      auto const text = unescaped(attribute.value());
      if (!text) return form(std::string(node.name()) + "." + attribute.name(), undeclared);
      attribute.set_value(text->c_str());
    }
    std::ranges::sort(names);
    auto const twin = std::ranges::adjacent_find(names);
    if (twin == names.end()) return {};
    return form(std::string(node.name()) + "." + std::string(*twin), "stands twice");
  }

  static Result<void> check_prefix(Node node, std::string_view name) {
    auto const prefix = prefix_of(name);
    if (prefix.empty() || prefix == "xml" || prefix == "xmlns") return {};
    auto const declaration = "xmlns:" + std::string(prefix);
    for (; node; node = node.parent()) {
      if (node.attribute(declaration.c_str())) return {};
    }
    return Error{Code::E_CONTEXT, std::string(name), "its prefix is not declared"};
  }

  static constexpr char const* undeclared =
      "a character that XML does not allow here, or an entity that it does not know";
  std::optional<Error> error_;
};

}  // namespace

Result<std::string> json_of_xml(std::string_view xml) {
  if (xml.size() > gs1::document_bytes_max) return Error{Code::E_TOO_LARGE, "", "at most 4 MiB a document"};
  auto const is_text = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  };
  if (!base::is_utf8(xml) || !std::ranges::all_of(xml, is_text)) return form("", "XML in UTF-8 expected");
  pugi::xml_document tree;
  // References are resolved by the judge, who knows which are none; top-level text is kept for him to see.
  constexpr unsigned options = (pugi::parse_default & ~pugi::parse_escapes) | pugi::parse_doctype |
                               pugi::parse_declaration | pugi::parse_fragment;
  auto const parsed = tree.load_buffer(xml.data(), xml.size(), options, pugi::encoding_utf8);
  if (!parsed) {
    return form("", "no XML at byte " + std::to_string(parsed.offset) + ": " + parsed.description());
  }
  Judge judge;
  tree.traverse(judge);
  if (judge.error()) return *judge.error();
  auto const root = tree.document_element();
  auto const is_element = [](Node node) { return node.type() == pugi::node_element; };
  if (std::ranges::count_if(tree.children(), is_element) != 1) return form("", "expected one element");
  TRY_ASSIGN(auto const value, Converter().document(root));
  return to_text(value);
}

}  // namespace rpc
