using System;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>The parameters of a method: how each is passed, its type, its name and what stands for it when it is
    /// left out.</summary>
    internal static class ParameterText
    {
        internal static string Of(
            MetadataReader reader, TypeNames names, MethodDefinition method, MethodSignature<string> signature)
        {
            Parameter[] parameters = method.GetParameters().Select(reader.GetParameter)
                .Where(parameter => parameter.SequenceNumber > 0)
                .ToArray();
            string text = string.Join(", ", parameters.Select(parameter => One(
                reader, names, parameter, signature.ParameterTypes[parameter.SequenceNumber - 1])));
            return Has(reader, names, method.GetCustomAttributes(), "ExtensionAttribute") ? "this " + text : text;
        }

        private static string One(MetadataReader reader, TypeNames names, Parameter parameter, string type)
        {
            string passing = string.Empty;
            if (type.Contains('&', StringComparison.Ordinal))
            {
                bool isOut = (parameter.Attributes & (ParameterAttributes.Out | ParameterAttributes.In)) ==
                    ParameterAttributes.Out;
                bool isIn = Has(reader, names, parameter.GetCustomAttributes(), "IsReadOnlyAttribute");
                passing = isOut ? "out " : isIn ? "in " : "ref ";
                type = type.Substring(0, type.IndexOf('&', StringComparison.Ordinal));
            }
            else if (Has(reader, names, parameter.GetCustomAttributes(), "ParamArrayAttribute"))
            {
                passing = "params ";
            }

            string text = passing + type + " " + reader.GetString(parameter.Name);
            return (parameter.Attributes & ParameterAttributes.HasDefault) == 0
                ? text
                : text + " = " + Constants.Of(reader, parameter.GetDefaultValue());
        }

        private static bool Has(
            MetadataReader reader, TypeNames names, CustomAttributeHandleCollection attributes, string name)
        {
            return attributes.Any(handle => AttributeText.Name(reader, names, handle).EndsWith(
                "." + name, StringComparison.Ordinal));
        }
    }
}
