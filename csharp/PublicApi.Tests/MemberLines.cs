using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>The lines for the public and protected members of one type.</summary>
    internal sealed class MemberLines
    {
        private readonly MetadataReader reader;
        private readonly TypeNames names;
        private readonly string type;
        private readonly TypeNames.Scope scope;
        private readonly string kind;

        internal MemberLines(MetadataReader reader, TypeNames names, string type, TypeNames.Scope scope, string kind)
        {
            this.reader = reader;
            this.names = names;
            this.type = type;
            this.scope = scope;
            this.kind = kind;
        }

        private string SimpleName
        {
            get
            {
                string bare = type.Split('<')[0];
                if (type.EndsWith('>') || !type.Contains('<', StringComparison.Ordinal))
                {
                    bare = LastPart(type).Split('<')[0];
                }

                return bare.Substring(bare.LastIndexOf('.') + 1);
            }
        }

        internal static string Constraints(
            MetadataReader reader, TypeNames names, GenericParameterHandleCollection handles, TypeNames.Scope scope)
        {
            string text = string.Empty;
            foreach (GenericParameter parameter in handles.Select(reader.GetGenericParameter))
            {
                var constraints = new List<string>();
                bool isStruct = (parameter.Attributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != 0;
                if ((parameter.Attributes & GenericParameterAttributes.ReferenceTypeConstraint) != 0)
                {
                    constraints.Add("class");
                }

                if (isStruct)
                {
                    constraints.Add("struct");
                }

                constraints.AddRange(parameter.GetConstraints()
                    .Select(handle => names.Of(reader, reader.GetGenericParameterConstraint(handle).Type, scope))
                    .Where(name => !isStruct || name != "System.ValueType"));
                if (!isStruct && (parameter.Attributes & GenericParameterAttributes.DefaultConstructorConstraint) != 0)
                {
                    constraints.Add("new()");
                }

                if (constraints.Count != 0)
                {
                    text += " where " + reader.GetString(parameter.Name) + " : " + string.Join(", ", constraints);
                }
            }

            return text;
        }

        internal IEnumerable<string> Of(
            TypeDefinition definition, Func<CustomAttributeHandleCollection, string> attributes)
        {
            var accessors = new HashSet<MethodDefinitionHandle>();
            var lines = new List<string>();
            foreach (PropertyDefinition property in definition.GetProperties().Select(reader.GetPropertyDefinition))
            {
                accessors.UnionWith(new[] { property.GetAccessors().Getter, property.GetAccessors().Setter });
                Add(lines, attributes(property.GetCustomAttributes()), Property(property));
            }

            foreach (EventDefinition e in definition.GetEvents().Select(reader.GetEventDefinition))
            {
                accessors.UnionWith(new[] { e.GetAccessors().Adder, e.GetAccessors().Remover });
                MethodDefinition adder = reader.GetMethodDefinition(e.GetAccessors().Adder);
                if (Access(adder) is string access)
                {
                    Add(lines, attributes(e.GetCustomAttributes()), access + Modifiers(adder) + "event " +
                        names.Of(reader, e.Type, scope) + " " + type + "." + reader.GetString(e.Name));
                }
            }

            foreach (FieldDefinition field in definition.GetFields().Select(reader.GetFieldDefinition))
            {
                Add(lines, attributes(field.GetCustomAttributes()), Field(field));
            }

            foreach (MethodDefinitionHandle handle in definition.GetMethods().Where(m => !accessors.Contains(m)))
            {
                MethodDefinition method = reader.GetMethodDefinition(handle);
                Add(lines, attributes(method.GetCustomAttributes()), Method(method));
            }

            return lines;
        }

        private static void Add(List<string> lines, string attributes, string line)
        {
            if (line != null)
            {
                lines.Add(attributes + line);
            }
        }

        private static string LastPart(string name)
        {
            int depth = 0;
            for (int i = name.Length - 1; i >= 0; i--)
            {
                depth += name[i] == '>' ? 1 : name[i] == '<' ? -1 : 0;
                if (name[i] == '.' && depth == 0)
                {
                    return name.Substring(i + 1);
                }
            }

            return name;
        }

        private static string Access(MethodAttributes attributes)
        {
            return (attributes & MethodAttributes.MemberAccessMask) switch
            {
                MethodAttributes.Public => "public ",
                MethodAttributes.Family => "protected ",
                MethodAttributes.FamORAssem => "protected internal ",
                _ => null,
            };
        }

        private string Access(MethodDefinition method)
        {
            string access = Access(method.Attributes);
            return access != null && kind == "interface" ? string.Empty : access;
        }

        private string Modifiers(MethodDefinition method)
        {
            if (kind == "interface")
            {
                return (method.Attributes & MethodAttributes.Static) != 0 ? "static " : string.Empty;
            }

            MethodAttributes has = method.Attributes;
            if ((has & MethodAttributes.Static) != 0)
            {
                return (has & MethodAttributes.PinvokeImpl) != 0 ? "static extern " : "static ";
            }

            bool isNew = (has & MethodAttributes.NewSlot) != 0;
            bool isFinal = (has & MethodAttributes.Final) != 0;
            if ((has & MethodAttributes.Abstract) != 0)
            {
                return isNew ? "abstract " : "abstract override ";
            }

            if ((has & MethodAttributes.Virtual) == 0 || (isNew && isFinal))
            {
                return string.Empty;
            }

            return isNew ? "virtual " : isFinal ? "sealed override " : "override ";
        }

        private string Field(FieldDefinition field)
        {
            // The access of fields has the bits of that of methods.
            string access = Access((MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask));
            string name = type + "." + reader.GetString(field.Name);
            if (access == null || (field.Attributes & FieldAttributes.SpecialName) != 0)
            {
                return null;
            }

            if (kind == "enum")
            {
                return name + " = " + Constants.Of(reader, field.GetDefaultValue());
            }

            name = field.DecodeSignature(names, scope) + " " + name;
            if ((field.Attributes & FieldAttributes.Literal) != 0)
            {
                return access + "const " + name + " = " + Constants.Of(reader, field.GetDefaultValue());
            }

            return access + ((field.Attributes & FieldAttributes.Static) != 0 ? "static " : string.Empty) +
                ((field.Attributes & FieldAttributes.InitOnly) != 0 ? "readonly " : string.Empty) + name;
        }

        private string Method(MethodDefinition method)
        {
            string access = Access(method);
            string name = reader.GetString(method.Name);
            if (access == null || name == ".cctor")
            {
                return null;
            }

            ImmutableArray<string> parameters = method.GetGenericParameters()
                .Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name)).ToImmutableArray();
            var inner = new TypeNames.Scope(scope.TypeParameters, parameters);
            MethodSignature<string> signature = method.DecodeSignature(names, inner);
            string list = "(" + ParameterText.Of(reader, names, method, signature) + ")";
            if (name == ".ctor")
            {
                return access + type + "." + SimpleName + list;
            }

            if (name == "Finalize" && signature.ParameterTypes.IsEmpty)
            {
                return access + type + ".~" + SimpleName + "()";
            }

            string generic = parameters.IsEmpty ? string.Empty : "<" + string.Join(", ", parameters) + ">";
            string modifiers = Modifiers(method);
            string constraints = modifiers.Contains("override", StringComparison.Ordinal)
                ? string.Empty
                : Constraints(reader, names, method.GetGenericParameters(), inner);
            return access + modifiers + Returned(signature.ReturnType) + " " + type + "." + name + generic + list +
                constraints;
        }

        private string Property(PropertyDefinition property)
        {
            MethodDefinition? getter = Accessor(property.GetAccessors().Getter);
            MethodDefinition? setter = Accessor(property.GetAccessors().Setter);
            if (getter == null && setter == null)
            {
                return null;
            }

            MethodDefinition wider = getter == null || (setter != null && Rank(setter.Value) > Rank(getter.Value))
                ? setter.Value
                : getter.Value;
            MethodSignature<string> signature = property.DecodeSignature(names, scope);
            string name = reader.GetString(property.Name);
            if (!signature.ParameterTypes.IsEmpty)
            {
                name = "this[" + string.Join(", ", signature.ParameterTypes) + "]";
            }

            string accessors = string.Empty;
            if (getter != null)
            {
                accessors += Narrower(getter.Value, wider) + "get; ";
            }

            if (setter != null)
            {
                bool init = setter.Value.DecodeSignature(names, scope).ReturnType == TypeNames.InitOnly;
                accessors += Narrower(setter.Value, wider) + (init ? "init; " : "set; ");
            }

            return Access(wider) + Modifiers(wider) + Returned(signature.ReturnType) + " " + type + "." + name + " { " +
                accessors + "}";
        }

        private static string Returned(string name)
        {
            return name.EndsWith('&') ? "ref " + name.TrimEnd('&') : name;
        }

        private MethodDefinition? Accessor(MethodDefinitionHandle handle)
        {
            return handle.IsNil || Access(reader.GetMethodDefinition(handle)) == null
                ? null
                : reader.GetMethodDefinition(handle);
        }

        private static int Rank(MethodDefinition method)
        {
            return (int)(method.Attributes & MethodAttributes.MemberAccessMask);
        }

        private string Narrower(MethodDefinition accessor, MethodDefinition wider)
        {
            return Rank(accessor) == Rank(wider) ? string.Empty : Access(accessor);
        }
    }
}
