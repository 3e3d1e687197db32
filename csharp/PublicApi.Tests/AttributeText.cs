using System;
using System.Linq;
using System.Reflection.Metadata;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>Attributes as the lists write them; those for compilers and tools alone are left out.</summary>
    internal static class AttributeText
    {
        private static readonly string[] Tools =
        {
            "System.Runtime.CompilerServices.",
            "System.Runtime.InteropServices.",
            "System.Runtime.Versioning.",
            "System.Diagnostics.",
            "System.Reflection.",
            "System.Security.",
            "System.CodeDom.",
            "System.ParamArrayAttribute",
            "Microsoft.CodeAnalysis.",
        };

        internal static string Of(MetadataReader reader, TypeNames names, CustomAttributeHandleCollection handles)
        {
            return string.Concat(handles
                .Where(handle => !Tools.Any(tool => Name(reader, names, handle).StartsWith(
                    tool, StringComparison.Ordinal)))
                .Select(handle => Text(reader, names, handle))
                .Order(StringComparer.Ordinal));
        }

        internal static string Name(MetadataReader reader, TypeNames names, CustomAttributeHandle handle)
        {
            EntityHandle constructor = reader.GetCustomAttribute(handle).Constructor;
            EntityHandle type = constructor.Kind == HandleKind.MemberReference
                ? reader.GetMemberReference((MemberReferenceHandle)constructor).Parent
                : reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType();
            return names.Of(reader, type, null);
        }

        private static string Text(MetadataReader reader, TypeNames names, CustomAttributeHandle handle)
        {
            string name = Name(reader, names, handle);
            name = name.Substring(name.LastIndexOf('.') + 1);
            if (name.EndsWith("Attribute", StringComparison.Ordinal))
            {
                name = name.Substring(0, name.Length - "Attribute".Length);
            }

            CustomAttributeValue<string> value = reader.GetCustomAttribute(handle).DecodeValue(names);
            var arguments = value.FixedArguments.Select(argument => Constants.Text(argument.Value))
                .Concat(value.NamedArguments.Select(argument => argument.Name + " = " + Constants.Text(argument.Value)));
            return "[" + name + "(" + string.Join(", ", arguments) + ")] ";
        }
    }
}
