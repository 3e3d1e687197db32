using System;
using System.Globalization;
using System.Reflection.Metadata;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>Values of constants and of arguments left out.</summary>
    internal static class Constants
    {
        internal static string Of(MetadataReader reader, ConstantHandle handle)
        {
            Constant constant = reader.GetConstant(handle);
            return Text(reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode));
        }

        internal static string Text(object value)
        {
            return value switch
            {
                null => "null",
                bool b => b ? "true" : "false",
                string s => "\"" + s + "\"",
                char c => "'" + c + "'",
                IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
        }
    }
}
